import '@xterm/xterm/css/xterm.css';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'react';
import { useKind } from '../data/lab';
import { go, href } from '../router';
import { allowStyleElements } from './nonce';

type Connection = 'opening' | 'open' | 'closed';

/** A shell in an instance: `#/terminal/i-…`. */
export default function TerminalPage({ path }: { path: string[] }) {
  const instances = useKind('instances').items.filter((one) => one.State === 'running');
  const [id] = path;
  const options = instances.map((one) => ({ value: one.InstanceId, label: one.Tags['Name'] ? `${one.Tags['Name']} (${one.InstanceId})` : one.InstanceId, description: `${one.PrivateIpAddress ?? ''} in ${one.Region}` }));
  return (
    <SpaceBetween size="m">
      <Header variant="h1" description="A shell in an instance, as vpclab shell opens it.">Terminal</Header>
      <FormField label="Instance">
        <Select selectedOption={options.find((one) => one.value === id) ?? null} options={options} placeholder="Choose an instance" empty="There is no running instance"
          onChange={({ detail }) => go(href('terminal', detail.selectedOption.value ?? ''))} />
      </FormField>
      {id ? <Shell key={id} instance={id} /> : <Box color="text-body-secondary">Choose an instance.</Box>}
    </SpaceBetween>
  );
}

function Shell({ instance }: { instance: string }) {
  const holder = useRef<HTMLDivElement>(null);
  const [connection, setConnection] = useState<Connection>('opening');
  const [why, setWhy] = useState('');
  const [again, setAgain] = useState(0);
  useEffect(() => {
    if (!holder.current) return;
    setConnection('opening');
    allowStyleElements();
    const terminal = new Terminal({ cursorBlink: true, fontSize: 13, screenReaderMode: true, scrollback: 5000 });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(holder.current);
    let socket: WebSocket | undefined;
    let gone = false;
    const size = () => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ columns: terminal.cols, rows: terminal.rows })); };
    const open = async () => {
      const answer = await fetch(`/_vpclab/console/terminal?${encodeURIComponent(instance)}`, { method: 'POST' });
      const body = (await answer.json()) as { token?: string; message?: string };
      if (gone) return;
      if (!body.token) { setWhy(body.message ?? 'refused'); setConnection('closed'); return; }
      socket = new WebSocket(`${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}/_vpclab/console/terminal?token=${body.token}`);
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => { setConnection('open'); fit.fit(); size(); terminal.focus(); };
      socket.onmessage = (event: MessageEvent<ArrayBuffer>) => terminal.write(new Uint8Array(event.data));
      socket.onclose = () => { if (!gone) setConnection('closed'); };
    };
    const bytes = new TextEncoder();
    terminal.onData((text) => { if (socket?.readyState === WebSocket.OPEN) socket.send(bytes.encode(text)); });
    terminal.onResize(size);
    const watching = new ResizeObserver(() => fit.fit());
    watching.observe(holder.current);
    void open().catch((failed: unknown) => { setWhy(String(failed)); setConnection('closed'); });
    return () => { gone = true; watching.disconnect(); socket?.close(); terminal.dispose(); };
  }, [instance, again]);
  return (
    <SpaceBetween size="xs">
      <div className="terminal-state" data-testid="terminal-state" data-state={connection}>
        <StatusIndicator type={connection === 'open' ? 'success' : connection === 'opening' ? 'in-progress' : 'stopped'}>{connection === 'open' ? 'Open' : connection === 'opening' ? 'Opening' : `Closed${why && `: ${why}`}`}</StatusIndicator>
        {connection === 'closed' && <Button onClick={() => setAgain(again + 1)}>Open again</Button>}
      </div>
      <div className="terminal" ref={holder} data-testid="terminal" role="group" aria-label={`Terminal of ${instance}`} />
    </SpaceBetween>
  );
}
