// What a kind of resource is to the list and the detail page. One file a resource makes one of these.
import type { ReactNode } from 'react';
import type { Item, KindName, Kinds } from '../data/types';

export interface Column<T> { id: string; header: string; cell: (item: T) => ReactNode; sort?: (item: T) => string | number; width?: number }
export interface Tab<T> { id: string; label: string; content: (props: { item: T }) => ReactNode }
/** A change: a dialog, opened from the page's buttons. */
export interface Action<T> { id: string; text: string; enabled?: (item: T) => boolean; dialog: (props: { item: T; close: () => void }) => ReactNode }

export interface Resource<K extends KindName = KindName, T extends Item = Kinds[K]> {
  kind: K;
  /** Where its pages are, such as `['vpc', 'subnets']`. */
  path: [string, string];
  title: string;
  /** `subnet` */
  one: string;
  /** What is said where there is none. */
  about: string;
  id: (item: T) => string;
  /** What stands for it where its id is an ARN: a name that is its own. */
  label?: (item: T) => string;
  /** What it is called, if anything. */
  name?: (item: T) => string | undefined;
  columns: Column<T>[];
  /** The detail page's overview. */
  overview: (item: T) => Array<[label: string, value: ReactNode]>;
  tabs?: Tab<T>[];
  actions?: Action<T>[];
  /** Other pages about it. */
  links?: (item: T) => Array<{ text: string; href: string }>;
  create?: { text: string; dialog: (props: { close: () => void }) => ReactNode };
}

/** A title within a sentence: `subnets`, but `VPCs`. */
export const within = (title: string) => (/^[A-Z]{2}/.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1));

export const nameOf = <T extends Item>(resource: Pick<Resource<KindName, T>, 'name'>, item: T) => resource.name?.(item) ?? item.Tags['Name'];
