import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TextFilter from '@cloudscape-design/components/text-filter';
import { memo, useDeferredValue, useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { CallForm } from '../call/form';
import type { Explanation } from '../call/explain';
import { href } from '../router';
import { Details } from './details';
import { Drawing, isEmpty } from './drawing';
import { mark, type Marks } from './mark';
import { usePicture } from './picture';
import './topology.css';
import { useView } from './view';

/** What is chosen by no click. */
const BACKGROUND = ['region', 'zone', 'shelf'];

export default function Topology() {
  const { text, error } = usePicture();
  const holder = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing>();
  const view = useView(holder);
  const [selected, setSelected] = useState<{ kind: string; id: string }>();
  const [sought, setSought] = useState('');
  const [explanation, setExplanation] = useState<Explanation>();
  const marks = useRef<Marks>({ sought: '' });
  const deferred = useDeferredValue(sought);
  marks.current = { selected: selected?.id, sought: deferred, explanation };

  useEffect(() => {
    if (!holder.current || text === undefined) return;
    drawing.current ??= new Drawing(holder.current, (fresh) => mark(fresh, marks.current));
    void drawing.current.show(text);
    view.show(drawing.current.size);
  }, [text]);
  useEffect(() => mark(drawing.current?.elements() ?? [], marks.current), [selected, deferred, explanation]);

  const choose = (event: MouseEvent | KeyboardEvent) => {
    const byKey = 'key' in event;
    if (byKey && event.key !== 'Enter' && event.key !== ' ') return;
    const node = (event.target as Element).closest<SVGElement>('[data-id]');
    const { kind, id } = node?.dataset ?? {};
    if (!byKey && view.wasDragged()) return;
    setSelected(kind && id && !BACKGROUND.includes(kind) ? { kind, id } : undefined);
    if (byKey) event.preventDefault();
  };

  return (
    <SpaceBetween size="m">
      <Header variant="h1" actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="zoom-in" ariaLabel="Zoom in" onClick={() => view.zoom(1.3)} />
          <Button iconName="zoom-out" ariaLabel="Zoom out" onClick={() => view.zoom(1 / 1.3)} />
          <Button iconName="zoom-to-fit" ariaLabel="Fit to the window" onClick={view.fit} />
          <Button href="/_vpclab/console/topology.svg?standalone" download="topology.svg" iconName="download" ariaLabel="Download the picture" />
        </SpaceBetween>
      }>Topology</Header>
      <TextFilter filteringText={sought} filteringPlaceholder="Find by name, id or address" filteringAriaLabel="Find in the picture" onChange={({ detail }) => setSought(detail.filteringText)} />
      <div className="topology">
        <div className="topology-picture" ref={holder} data-testid="topology" onClick={choose} onKeyDown={choose} role="group" aria-label="The networks of the lab: drag to move, wheel to zoom" />
        {error && <Box color="text-status-error">{error}</Box>}
        {text !== undefined && isEmpty(text) && <Box padding="l" textAlign="center">The lab is empty. <Link href={href('vpc', 'vpcs')}>VPCs</Link> come first.</Box>}
        {selected && <Container header={<Header variant="h2" actions={<Button variant="icon" iconName="close" ariaLabel="Close the details" onClick={() => setSelected(undefined)} />}>{selected.id}</Header>}><Details {...selected} /></Container>}
      </div>
      <PathForm explained={setExplanation} />
    </SpaceBetween>
  );
}

/** Not rendered anew by every letter of a search. */
const PathForm = memo(({ explained }: { explained: (explanation?: Explanation) => void }) => <CallForm title="Show the path of a call" explained={explained} />);
