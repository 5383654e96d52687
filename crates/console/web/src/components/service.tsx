import Box from '@cloudscape-design/components/box';
import { DetailPage } from './detail-page';
import { ListPage } from './list-page';
import type { Resource } from './resource';

/** A service's list and detail pages: `[page]` and `[page, id]`. */
export function Service({ pages, path }: { pages: Resource<any, any>[]; path: string[] }) {
  const resource = pages.find((one) => one.path[1] === path[0]) ?? (path.length === 0 ? pages[0] : undefined);
  if (!resource) return <Box variant="h1">There is no such page</Box>;
  return path[1] === undefined ? <ListPage key={resource.kind} resource={resource} /> : <DetailPage key={path[1]} resource={resource} id={path[1]} />;
}
