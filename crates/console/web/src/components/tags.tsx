import Box from '@cloudscape-design/components/box';
import Table from '@cloudscape-design/components/table';

export function TagsTable({ tags }: { tags: Record<string, string> }) {
  return (
    <Table items={Object.entries(tags)} ariaLabels={{ tableLabel: 'Tags' }} wrapLines
      columnDefinitions={[
        { id: 'key', header: 'Key', cell: ([key]) => key, isRowHeader: true },
        { id: 'value', header: 'Value', cell: ([, value]) => value },
      ]}
      empty={<Box textAlign="center" color="inherit">No tags</Box>} />
  );
}
