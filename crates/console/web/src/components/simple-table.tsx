import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';

export interface SimpleColumn<T> { header: string; cell: (item: T) => ReactNode; width?: number }

/** A table inside a page: rules, routes, subnets of something. The first column names the row. */
export function SimpleTable<T>({ title, items, columns, empty, actions, track }: {
  title: string; items: T[]; columns: SimpleColumn<T>[]; empty: string; actions?: ReactNode; track?: (item: T) => string;
}) {
  return (
    <Table<T>
      items={items}
      trackBy={track}
      wrapLines
      ariaLabels={{ tableLabel: title }}
      header={<Header variant="h2" counter={`(${items.length})`} actions={actions}>{title}</Header>}
      columnDefinitions={columns.map((column, at) => ({ id: column.header || 'actions', header: column.header || <span className="hidden-label">Actions</span>, cell: column.cell, isRowHeader: at === 0, minWidth: column.width ?? 90 }))}
      empty={<Box textAlign="center" color="inherit">{empty}</Box>}
    />
  );
}

/** A row's own button; its label says which row. */
export function RowButton({ text, label, onClick, disabled }: { text: string; label: string; onClick: () => void; disabled?: boolean }) {
  return <Button variant="inline-link" ariaLabel={`${text} ${label}`} onClick={onClick} disabled={disabled}>{text}</Button>;
}

export const Buttons = ({ children }: { children: ReactNode }) => <SpaceBetween direction="horizontal" size="xs">{children}</SpaceBetween>;
