import Box from '@cloudscape-design/components/box';
import Grid from '@cloudscape-design/components/grid';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { Diff } from '../components/code';
import { ChoiceField } from '../components/fields';
import { SimpleTable } from '../components/simple-table';
import { Time } from '../components/status';
import { useKind } from '../data/lab';
import type { Deployment, RestApi } from '../data/types';
import { useStages } from './stages';

const NOW = 'now';
const key = (deployment: Deployment) => deployment.DeploymentId ?? NOW;

/** The deployments, and what two of them differ in. */
export function Deployments({ api }: { api: RestApi }) {
  const all = useKind('deployments', api.RestApiId).items;
  const kept = all.filter((one) => one.DeploymentId !== null);
  const stages = useStages(api);
  const [before, setBefore] = useState('');
  const [after, setAfter] = useState(NOW);
  const choices = all.map((one) => ({ value: key(one), label: one.DeploymentId ?? 'The API as it is now', description: one.CreatedDate ? new Date(one.CreatedDate).toLocaleString() : undefined }));
  const left = before || (kept[0] ? key(kept[0]) : '');
  const document = (id: string) => JSON.stringify(all.find((one) => key(one) === id)?.Document ?? null, null, 2);
  const same = document(left) === document(after);
  return (
    <SpaceBetween size="l">
      <SimpleTable title="Deployments" items={kept} empty="The API is not deployed" columns={[
        { header: 'Deployment', cell: (one) => one.DeploymentId },
        { header: 'Created', cell: (one) => (one.CreatedDate ? <Time at={one.CreatedDate} /> : '–') },
        { header: 'Stages', cell: (one) => stages.filter((stage) => stage.DeploymentId === one.DeploymentId).map((stage) => stage.StageName).join(', ') || '–' },
        { header: 'Description', cell: (one) => one.Description ?? '–' },
      ]} />
      {kept.length > 0 && (
        <>
          <Grid gridDefinition={[{ colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 6 } }]}>
            <ChoiceField label="Compare" value={left} set={setBefore} choices={choices} />
            <ChoiceField label="with" value={after} set={setAfter} choices={choices} />
          </Grid>
          {same ? <Box>They are the same.</Box> : <Diff before={document(left)} after={document(after)} label="Differences" />}
        </>
      )}
    </SpaceBetween>
  );
}
