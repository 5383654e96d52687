import { useCollection } from '@cloudscape-design/collection-hooks';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import { useKind } from '../data/lab';
import { passes, useFilter } from '../data/scope';
import type { Item, KindName, Kinds } from '../data/types';
import { href } from '../router';
import { nameOf, within, type Resource } from './resource';

const PAGE = 50;

/** All resources of a kind: filter, sort, pages, and the way to make one. */
export function ListPage<K extends KindName>({ resource }: { resource: Resource<K> }) {
  const list = useKind(resource.kind);
  const filter = useFilter();
  const [making, setMaking] = useState(false);
  const visible = (list.items as Array<Kinds[K] & Item>).filter((item) => passes(filter, item));
  const create = resource.create;
  const label = resource.label ?? resource.id;
  const none = (
    <Box textAlign="center" color="inherit" padding={{ vertical: 's' }}>
      <SpaceBetween size="xs">
        <b>{list.state === 'failed' ? 'The list could not be read' : `No ${within(resource.title)}`}</b>
        <Box color="inherit">{list.error ?? resource.about}</Box>
        {create && list.state === 'ready' && <Button onClick={() => setMaking(true)}>{create.text}</Button>}
      </SpaceBetween>
    </Box>
  );
  const { items, collectionProps, filterProps, paginationProps, filteredItemsCount } = useCollection(visible, {
    filtering: { empty: none, noMatch: <Box textAlign="center">Nothing matches</Box>, filteringFunction: (item, text) => matches(item, text) },
    pagination: { pageSize: PAGE },
    sorting: {},
  });
  const columns = [
    {
      id: 'id', header: `${resource.one[0]?.toUpperCase()}${resource.one.slice(1)}${resource.label ? '' : ' ID'}`, isRowHeader: true, minWidth: 215,
      cell: (item: Kinds[K]) => <Link href={href(...resource.path, resource.id(item))}>{label(item)}</Link>,
      sortingComparator: (a: Kinds[K], b: Kinds[K]) => label(a).localeCompare(label(b)),
    },
    // Columns that say nothing, for none has a name or all are one account's, are left out.
    ...(visible.some((item) => nameOf(resource as never, item)) ? [{ id: 'name', header: 'Name', minWidth: 80, cell: (item: Kinds[K]) => nameOf(resource as never, item) ?? '–' }] : []),
    ...resource.columns.map((column) => ({
      id: column.id, header: column.header, cell: column.cell, minWidth: column.width ?? 120,
      ...(column.sort && { sortingComparator: (a: Kinds[K], b: Kinds[K]) => compare(column.sort!(a), column.sort!(b)) }),
    })),
    { id: 'region', header: 'Region', minWidth: 140, cell: (item: Kinds[K]) => item.Region, sortingComparator: (a: Kinds[K], b: Kinds[K]) => a.Region.localeCompare(b.Region) },
    ...(new Set(list.items.map((item) => item.OwnerId)).size > 1 ? [{ id: 'account', header: 'Account', minWidth: 120, cell: (item: Kinds[K]) => item.OwnerId }] : []),
  ];
  return (
    <>
      <Table<Kinds[K]>
        {...collectionProps}
        variant="full-page"
        stickyHeader
        loading={list.state === 'loading'}
        loadingText="Reading the lab"
        items={items}
        columnDefinitions={columns}
        trackBy={(item) => resource.id(item)}
        ariaLabels={{ tableLabel: resource.title }}
        wrapLines
        header={
          <Header variant="h1" counter={list.state === 'ready' ? `(${visible.length}${list.truncated ? '+' : ''})` : undefined}
            actions={create && <Button variant="primary" onClick={() => setMaking(true)}>{create.text}</Button>}>
            {resource.title}
          </Header>
        }
        filter={<TextFilter {...filterProps} filteringPlaceholder={`Find ${within(resource.title)}`} filteringAriaLabel={`Find ${within(resource.title)}`}
          countText={`${filteredItemsCount ?? 0} found`} />}
        pagination={visible.length > PAGE ? <Pagination {...paginationProps} /> : undefined}
        empty={none}
      />
      {making && create && <create.dialog close={() => setMaking(false)} />}
    </>
  );
}

/** Whether a text is in any value of an item. */
function matches(item: unknown, text: string): boolean {
  const sought = text.toLowerCase();
  const within = (value: unknown): boolean =>
    typeof value === 'object' && value !== null ? Object.values(value).some(within) : String(value).toLowerCase().includes(sought);
  return within(item);
}

const compare = (a: string | number, b: string | number) =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
