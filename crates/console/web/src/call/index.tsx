import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { CallForm } from './form';
import { RecentCalls } from './recent';

export default function CallPage() {
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="A real call from inside: what its packets did, and why.">Call</Header>
      <CallForm title="Make a call" real />
      <RecentCalls />
    </SpaceBetween>
  );
}
