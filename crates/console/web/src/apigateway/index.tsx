import { Service } from '../components/service';
import { pages } from './pages';

export default function Pages({ path }: { path: string[] }) {
  return <Service pages={pages} path={path} />;
}
