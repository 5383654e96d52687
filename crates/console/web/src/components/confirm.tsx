import Box from '@cloudscape-design/components/box';
import type { Operation } from '../aws/operation';
import { Change } from './change';

/** Asks before something is done that takes no form. */
export function Confirm({ title, submit, about, done, operations, close }: {
  title: string; submit: string; about: string; done: string; operations: Operation[]; close: () => void;
}) {
  return <Change title={title} submit={submit} done={done} operations={operations} close={close}><Box>{about}</Box></Change>;
}
