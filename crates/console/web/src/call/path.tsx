import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { operationsOf } from '../aws/fix';
import { Change } from '../components/change';
import { Ref } from '../components/status';
import type { Operation } from '../aws/operation';
import type { Blocker, Explanation, Fix, Step } from './explain';

const SIGNS = { pass: 'success', block: 'error', undetermined: 'warning', skipped: 'stopped' } as const;
const VERDICTS = { reachable: ['success', 'The call gets through'], blocked: ['error', 'The call is blocked'], undetermined: ['warning', 'It hangs on what is not known'] } as const;

/** The way of a call as it was judged: steps, blockers, and what mends them. */
export function PathView({ explanation, applied }: { explanation: Explanation; applied: () => void }) {
  const [type, words] = VERDICTS[explanation.verdict];
  return (
    <Container header={<Header variant="h2">The way of the call</Header>}>
      <SpaceBetween size="m">
        <div data-testid="verdict" data-verdict={explanation.verdict}><StatusIndicator type={type}>{words}</StatusIndicator></div>
        {explanation.fixes.length > 1 && explanation.fixes.every((fix) => fix.commands.length > 0) && (
          <Alert type="info" header={`${explanation.fixes.length} changes mend all of it`}><Apply text="Apply all" fixes={explanation.fixes} applied={applied} /></Alert>
        )}
        {explanation.blockers.map((blocker, at) => <BlockerView key={at} blocker={blocker} applied={applied} />)}
        {explanation.warnings.map((blocker, at) => <BlockerView key={at} blocker={blocker} applied={applied} warning />)}
        {explanation.missing.length > 0 && <Alert type="warning" header="Not known">{explanation.missing.join('; ')}</Alert>}
        <ol className="steps" aria-label="Steps of the call">{explanation.steps.map((step, at) => <StepView key={at} step={step} />)}</ol>
      </SpaceBetween>
    </Container>
  );
}

function StepView({ step }: { step: Step }) {
  const ids = [...new Set(step.evidence.map((one) => one.id).filter((id): id is string => typeof id === 'string'))];
  return (
    <li className={`step ${step.verdict}`}>
      <StatusIndicator type={SIGNS[step.verdict]}>{step.step.replaceAll('-', ' ')}</StatusIndicator>
      <div>{step.summary}</div>
      {ids.length > 0 && <ExpandableSection headerText="What it rests on" variant="inline">{step.evidence.map((one, at) => <div key={at}>{one.id && <><Ref id={one.id} />: </>}{one.detail}</div>)}</ExpandableSection>}
    </li>
  );
}

function BlockerView({ blocker, applied, warning = false }: { blocker: Blocker; applied: () => void; warning?: boolean }) {
  return (
    <Alert type={warning ? 'warning' : 'error'} header={blocker.title} data-testid={warning ? 'warning' : 'blocker'}>
      <SpaceBetween size="s">
        <Box>{blocker.detail}</Box>
        {blocker.fixes.map((fix, at) => <FixView key={at} fix={fix} applied={applied} />)}
      </SpaceBetween>
    </Alert>
  );
}

function FixView({ fix, applied }: { fix: Fix; applied: () => void }) {
  return (
    <div className="fix">
      <Box fontWeight="bold">{fix.summary}</Box>
      {fix.commands.length > 0 && <pre className="code code-box">{fix.commands.join('\n')}</pre>}
      {fix.instead && <div>Or call <code>{fix.instead}</code></div>}
      {fix.commands.length > 0 && <Apply text="Apply" fixes={[fix]} applied={applied} />}
    </div>
  );
}

/** Runs what mends a call, after a look at it; what needs a shell or a person is left to them. */
function Apply({ text, fixes, applied }: { text: string; fixes: Fix[]; applied: () => void }) {
  const [open, setOpen] = useState(false);
  const operations = fixes.map((fix) => operationsOf(fix.commands, fix.account));
  if (!operations.every((one): one is Operation[] => one !== undefined)) return <Box variant="small">To be run in a shell.</Box>;
  const summaries = fixes.map((fix) => fix.summary);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{text}</Button>
      {open && (
        <Change title={fixes.length > 1 ? `Apply ${fixes.length} fixes` : 'Apply the fix'} submit={text} done={`Done: ${summaries.join('; ')}`} operations={operations.flat()} close={() => { setOpen(false); applied(); }}>
          <ul>{summaries.map((summary) => <li key={summary}>{summary}</li>)}</ul>
        </Change>
      )}
    </>
  );
}
