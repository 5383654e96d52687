import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactNode } from 'react';
import { AwsError, commandLine, run, type Operation } from '../aws/operation';
import { AwsCommand } from './aws-command';
import { say } from './notices';

export interface ChangeProps {
  title: string;
  /** What the button says: `Save changes`, `Delete`. */
  submit: string;
  /** What is done, in order; empty while the form cannot be sent. */
  operations: Operation[];
  /** What is said when it is done. */
  done: string;
  /** Hears that it is done. */
  succeeded?: () => void;
  close: () => void;
  children?: ReactNode;
}

/** A dialog that changes something by AWS operations, and shows the commands that do the same. */
export function Change({ title, submit, operations, done, succeeded, close, children }: ChangeProps) {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<AwsError>();
  // What was done before an operation was refused: it is not done again.
  const [before, setBefore] = useState<Operation[]>([]);
  const usable = operations.length > 0 && before.length === 0;
  const submitted = async () => {
    const finished: Operation[] = [];
    setBusy(true);
    setRefused(undefined);
    try {
      await run(operations, (operation) => finished.push(operation));
      say(done);
      succeeded?.();
      close();
    } catch (why) {
      setRefused(why instanceof AwsError ? why : new AwsError('', String(why)));
      setBefore(finished);
      setBusy(false);
    }
  };
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={close}>{before.length > 0 ? 'Close' : 'Cancel'}</Button>
        <Button variant="primary" onClick={() => void submitted()} loading={busy} disabled={!usable}>{submit}</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible header={title} onDismiss={close} footer={footer} size="large">
      <form onSubmit={(event) => { event.preventDefault(); if (usable && !busy) void submitted(); }}>
        <SpaceBetween size="l">
          {children}
          {refused && (
            <Alert type="error" header={refused.code}>
              {refused.message}
              {before.length > 0 && <Box>Done before it, and kept: <pre className="code">{before.map(commandLine).join('\n')}</pre></Box>}
            </Alert>
          )}
          <AwsCommand operations={operations} />
        </SpaceBetween>
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}
