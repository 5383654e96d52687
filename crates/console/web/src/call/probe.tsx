import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { Code, pretty } from '../components/code';
import type { Probe } from './explain';

interface Stage { name: string; ok: boolean; millis?: number; text: string; reached: boolean }

const OUTCOMES: Record<string, string> = {
  noSuchName: 'The name does not exist', noResolver: 'No name server answered', nameRefused: 'The name server refused', connectTimeout: 'The connection timed out',
  connectRefused: 'The connection was refused', noRoute: 'There is no route', tls: 'TLS failed', http: 'The answer did not come',
};

function stages(probe: Probe): Stage[] {
  const { dns, tcp, tls, http } = probe;
  const last = tcp?.[tcp.length - 1];
  return [
    { name: 'DNS', reached: dns !== undefined, ok: (dns?.addresses.length ?? 0) > 0, millis: dns?.millis, text: dns ? dns.addresses.join(', ') || (dns.asked[0]?.answer.rcode ?? 'no answer') : '' },
    { name: 'TCP', reached: last !== undefined, ok: last?.result === 'connected', millis: tcp?.reduce((sum, one) => sum + one.millis, 0), text: last ? `${last.address} ${last.result}` : '' },
    { name: 'TLS', reached: tls !== undefined, ok: tls !== undefined && !tls.failure, millis: tls?.millis, text: tls ? tls.failure ?? `${tls.version ?? ''} ${tls.certificateNames[0] ?? ''}` : '' },
    { name: 'HTTP', reached: http !== undefined, ok: (http?.response?.status ?? 599) < 400, millis: http?.millis, text: http ? http.failure ?? `status ${http.response?.status ?? ''}` : '' },
  ];
}

/** What the packets of a call did, stage by stage. */
export function ProbeView({ probe }: { probe: Probe }) {
  const answered = probe.outcome.kind === 'answered';
  const good = answered && (probe.outcome.status ?? 599) < 400;
  const response = probe.http?.response;
  const all = stages(probe);
  const total = all.reduce((sum, stage) => sum + (stage.millis ?? 0), 0) || 1;
  return (
    <Container header={<Header variant="h2" description={`from ${probe.address} (${probe.interface})`}>What the call did</Header>}>
      <SpaceBetween size="m">
        <div data-testid="outcome" data-outcome={good ? 'good' : 'bad'}>
          <StatusIndicator type={good ? 'success' : 'error'}>{answered ? `HTTP ${probe.outcome.status}` : OUTCOMES[probe.outcome.kind] ?? probe.outcome.kind}</StatusIndicator>
        </div>
        <div className="stages" role="table" aria-label="Stages of the call">
          {all.map((stage) => (
            <div className="stage" role="row" key={stage.name}>
              <span role="rowheader"><StatusIndicator type={!stage.reached ? 'stopped' : stage.ok ? 'success' : 'error'}>{stage.name}</StatusIndicator></span>
              <span role="cell" className="bar"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden><rect className={stage.ok ? 'good' : 'bad'} width={Math.max(stage.reached ? 1 : 0, (100 * (stage.millis ?? 0)) / total)} height="8" rx="2" /></svg></span>
              <span role="cell" className="millis">{stage.reached ? `${(stage.millis ?? 0).toFixed(1)} ms` : '–'}</span>
              <span role="cell">{stage.reached ? stage.text : 'not reached'}</span>
            </div>
          ))}
        </div>
        {response && (
          <>
            <ExpandableSection headerText={`Headers (${response.headers.length})`}><pre className="code code-box">{response.headers.map(([name, value]) => `${name}: ${value}`).join('\n')}</pre></ExpandableSection>
            {response.body === '' ? <Box color="text-body-secondary">The answer has no body.</Box> : <Code text={pretty(response.body)} label="Body of the answer" />}
          </>
        )}
      </SpaceBetween>
    </Container>
  );
}
