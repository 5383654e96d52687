import Box from '@cloudscape-design/components/box';
import type { Operation } from '../aws/operation';
import { Change } from './change';
import type { Action } from './resource';

/** Asks before something is done that takes no form. */
export function Confirm({ title, submit, about, done, operations, close }: {
  title: string; submit: string; about: string; done: string; operations: Operation[]; close: () => void;
}) {
  return <Change title={title} submit={submit} done={done} operations={operations} close={close}><Box>{about}</Box></Change>;
}

/** The action that deletes a resource, after a question. */
export function deleting<T>(text: string, id: (item: T) => string, about: string, operation: (item: T) => Operation, enabled?: (item: T) => boolean): Action<T> {
  return { id: 'delete', text, enabled, dialog: ({ item, close }) => (
    <Confirm title={`Delete ${id(item)}`} submit="Delete" about={about} done={`${id(item)} is deleted.`} operations={[operation(item)]} close={close} />) };
}
