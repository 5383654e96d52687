import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useKind } from '../data/lab';
import type { Item, KindName, Kinds } from '../data/types';
import { href, setQuery, useAddress } from '../router';
import { nameOf, type Action, type Resource } from './resource';
import { TagsTable } from './tags';

/** One resource: its overview, its tabs, and what can be done with it. */
export function DetailPage<K extends KindName>({ resource, id }: { resource: Resource<K>; id: string }) {
  const list = useKind(resource.kind);
  const { query } = useAddress();
  const [open, setOpen] = useState<Action<Kinds[K]>>();
  const item = (list.items as Array<Kinds[K]>).find((one) => resource.id(one) === id);
  const title = (item && resource.label?.(item)) ?? id;
  const crumbs = (
    <BreadcrumbGroup ariaLabel="Breadcrumbs" items={[{ text: resource.title, href: href(...resource.path) }, { text: title, href: href(...resource.path, id) }]} />
  );
  if (!item) {
    return (
      <ContentLayout breadcrumbs={crumbs} header={<Header variant="h1">{id}</Header>}>
        {list.state === 'loading' ? <Box><Spinner /> Reading the lab</Box>
          : <Alert type="info" header={`There is no ${resource.one} ${id}`}>{list.error ?? 'It may have been deleted meanwhile.'}</Alert>}
      </ContentLayout>
    );
  }
  const name = nameOf(resource as never, item as Item);
  const actions = resource.actions ?? [];
  const links = resource.links?.(item) ?? [];
  const usable = (action: Action<Kinds[K]>) => action.enabled?.(item) ?? true;
  // The button of its own is what can be done now.
  const first = actions.find(usable) ?? actions[0];
  const others = actions.filter((action) => action !== first);
  const tabs = [...(resource.tabs ?? []), { id: 'tags', label: 'Tags', content: ({ item: of }: { item: Kinds[K] }) => <TagsTable tags={of.Tags} /> }];
  return (
    <ContentLayout breadcrumbs={crumbs} header={
      <Header variant="h1" actions={actions.length + links.length > 0 && (
        <SpaceBetween direction="horizontal" size="xs">
          {links.map(({ text, href: to }) => <Button key={to} href={to}>{text}</Button>)}
          {others.length > 0 && (
            <ButtonDropdown items={others.map((action) => ({ id: action.id, text: action.text, disabled: !usable(action) }))}
              onItemClick={({ detail }) => setOpen(others.find((action) => action.id === detail.id))}>Actions</ButtonDropdown>
          )}
          {first && <Button disabled={!usable(first)} onClick={() => setOpen(first)}>{first.text}</Button>}
        </SpaceBetween>
      )}>{name && name !== title ? `${title} / ${name}` : title}</Header>
    }>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Details</Header>}>
          <KeyValuePairs columns={4} minColumnWidth={190} items={[
            ...resource.overview(item).map(([label, value]) => ({ label, value: value ?? '–' })),
            { label: 'Region', value: item.Region }, { label: 'Owner', value: item.OwnerId },
          ]} />
        </Container>
        <Tabs activeTabId={query.get('tab') ?? tabs[0]?.id} onChange={({ detail }) => setQuery('tab', detail.activeTabId)}
          tabs={tabs.map((tab) => ({ id: tab.id, label: tab.label, content: <tab.content item={item} /> }))} />
      </SpaceBetween>
      {open && <open.dialog item={item} close={() => setOpen(undefined)} />}
    </ContentLayout>
  );
}
