import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { SimpleTable } from '../components/simple-table';
import { Time } from '../components/status';
import { useKind } from '../data/lab';
import type { RestApi, Stage } from '../data/types';

export const useStages = (api: RestApi): Stage[] => useKind('stages').items.filter((stage) => stage.RestApiId === api.RestApiId);

export function Stages({ api }: { api: RestApi }) {
  return <SimpleTable title="Stages" items={useStages(api)} empty="The API is not deployed" columns={[
    { header: 'Stage', cell: (stage) => stage.StageName },
    { header: 'Deployment', cell: (stage) => stage.DeploymentId },
    { header: 'Deployed', cell: (stage) => (stage.DeployedAt === null ? '–' : <Time at={stage.DeployedAt} />), width: 150 },
    { header: 'Changes since', width: 200, cell: (stage) => (stage.PolicyChanged ? <StatusIndicator type="warning">The policy has changed</StatusIndicator>
      : stage.ApiChanged ? <StatusIndicator type="info">The API has changed</StatusIndicator> : <StatusIndicator type="success">None</StatusIndicator>) },
    { header: 'Variables', cell: (stage) => Object.entries(stage.Variables).map(([name, value]) => `${name}=${value}`).join(', ') || '–' },
    { header: 'Description', cell: (stage) => stage.Description ?? '–' },
  ]} />;
}
