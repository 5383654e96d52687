import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { rest } from '../aws/operation';
import { Confirm } from '../components/confirm';
import { RowButton, SimpleTable } from '../components/simple-table';
import { Time } from '../components/status';
import { useKind } from '../data/lab';
import type { RestApi, Stage } from '../data/types';

export const useStages = (api: RestApi): Stage[] => useKind('stages').items.filter((stage) => stage.RestApiId === api.RestApiId);

export function Stages({ api }: { api: RestApi }) {
  const [removing, setRemoving] = useState<string>();
  return (
    <>
      <SimpleTable title="Stages" items={useStages(api)} empty="The API is not deployed" columns={[
        { header: 'Stage', cell: (stage) => stage.StageName },
        { header: 'Deployment', cell: (stage) => stage.DeploymentId },
        { header: 'Deployed', cell: (stage) => (stage.DeployedAt === null ? '–' : <Time at={stage.DeployedAt} />), width: 150 },
        { header: 'Changes since', width: 200, cell: (stage) => (stage.PolicyChanged ? <StatusIndicator type="warning">The policy has changed</StatusIndicator>
          : stage.ApiChanged ? <StatusIndicator type="info">The API has changed</StatusIndicator> : <StatusIndicator type="success">None</StatusIndicator>) },
        { header: 'Variables', cell: (stage) => Object.entries(stage.Variables).map(([name, value]) => `${name}=${value}`).join(', ') || '–' },
        { header: 'Description', cell: (stage) => stage.Description ?? '–' },
        { header: '', cell: (stage) => <RowButton text="Delete" label={`the stage ${stage.StageName}`} onClick={() => setRemoving(stage.StageName)} /> },
      ]} />
      {removing && (
        <Confirm title={`Delete the stage ${removing}`} submit="Delete" about="Calls of its URLs will find nothing. The deployment stays." done={`The stage ${removing} is deleted.`} close={() => setRemoving(undefined)}
          operations={[rest('apigateway', api, 'DELETE', `/restapis/${api.RestApiId}/stages/${removing}`, undefined, ['apigateway', 'delete-stage', '--rest-api-id', api.RestApiId, '--stage-name', removing])]} />
      )}
    </>
  );
}
