import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useEffect, useRef, useState } from 'react';
import { CallForm } from '../call/form';
import type { Explanation } from '../call/explain';
import { href } from '../router';
import { Details } from './details';
import { usePicture } from './picture';
import { mark } from './mark';
import './topology.css';
import { useView } from './view';

const KINDS: Record<string, string> = { vpc: 'VPC', subnet: 'subnet', instance: 'instance', function: 'function', endpoint: 'endpoint', interface: 'network interface', api: 'REST API' };

export default function Topology() {
  const { svg, error } = usePicture();
  const holder = useRef<HTMLDivElement>(null);
  const view = useView(holder, svg);
  const [selected, setSelected] = useState<{ kind: string; id: string }>();
  const [sought, setSought] = useState('');
  const [explanation, setExplanation] = useState<Explanation>();

  useEffect(() => {
    const root = holder.current;
    if (!root || !svg) return;
    const picture = document.importNode(svg, true);
    for (const node of picture.querySelectorAll('.node')) {
      node.setAttribute('tabindex', '0');
      node.setAttribute('role', 'button');
      // Its name begins with what is read in it. Where it is drawn on its own, a title says the same.
      const title = node.querySelector(':scope > title');
      title?.remove();
      (node as SVGElement).dataset['title'] = title?.textContent ?? '';
      node.querySelectorAll('text').forEach((text) => text.after(' '));
      node.setAttribute('aria-label', `${(node.textContent ?? '').trim()} ${KINDS[(node as SVGElement).dataset['kind'] ?? ''] ?? ''}`.trim());
    }
    picture.setAttribute('role', 'group');
    root.replaceChildren(picture);
    view.show();
    const choose = (event: Event) => {
      if (event instanceof KeyboardEvent && event.key !== 'Enter' && event.key !== ' ') return;
      const node = (event.target as Element).closest('[data-id]');
      const { kind, id } = (node as SVGElement | null)?.dataset ?? {};
      if (view.wasDragged()) return;
      setSelected(kind && id && kind !== 'region' && kind !== 'zone' && kind !== 'shelf' ? { kind, id } : undefined);
      if (event instanceof KeyboardEvent) event.preventDefault();
    };
    picture.addEventListener('click', choose);
    picture.addEventListener('keydown', choose);
  }, [svg]);

  useEffect(() => {
    if (holder.current) mark(holder.current, { selected: selected?.id, sought, explanation });
  }, [svg, selected, sought, explanation]);

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
        <div className="topology-picture" ref={holder} data-testid="topology" role="group" aria-label="The networks of the lab: drag to move, wheel to zoom" />
        {error && <Box color="text-status-error">{error}</Box>}
        {svg && svg.querySelectorAll('.node').length === 0 && <Box padding="l" textAlign="center">The lab is empty. <Link href={href('vpc', 'vpcs')}>VPCs</Link> come first.</Box>}
        {selected && <Container header={<Header variant="h2" actions={<Button variant="icon" iconName="close" ariaLabel="Close the details" onClick={() => setSelected(undefined)} />}>{selected.id}</Header>}><Details {...selected} /></Container>}
      </div>
      <CallForm title="Show the path of a call" explained={setExplanation} />
    </SpaceBetween>
  );
}
