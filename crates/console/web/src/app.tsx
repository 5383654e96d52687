import AppLayout from '@cloudscape-design/components/app-layout';
import Box from '@cloudscape-design/components/box';
import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import SideNavigation from '@cloudscape-design/components/side-navigation';
import Spinner from '@cloudscape-design/components/spinner';
import TopNavigation from '@cloudscape-design/components/top-navigation';
import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Notices } from './components/notices';
import { keepCalls } from './data/calls';
import { listen, useConnection, useKind } from './data/lab';
import { setFilter, useFilter } from './data/scope';
import { SECTIONS } from './navigation';
import { href, useAddress } from './router';

const ServicePages = {
  topology: lazy(() => import('./topology')),
  call: lazy(() => import('./call')),
  terminal: lazy(() => import('./terminal')),
  apigateway: lazy(() => import('./apigateway')),
  vpc: lazy(() => import('./vpc')),
  cloudformation: lazy(() => import('./cloudformation')),
  lambda: lazy(() => import('./lambda')),
} as const;

export function App() {
  useEffect(() => { const stop = keepCalls(); listen(); return stop; }, []);
  const { path } = useAddress();
  const [navigationOpen, setNavigationOpen] = useState(window.innerWidth > 1000);
  const Page = ServicePages[(path[0] ?? 'topology') as keyof typeof ServicePages];
  useEffect(() => { document.title = [path[2] ?? path[1] ?? path[0], 'vpclab'].filter(Boolean).join(' · '); }, [path]);
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <Top />
      <AppLayout
        headerSelector="#top"
        navigationWidth={230}
        navigationOpen={navigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        navigation={<Navigation />}
        notifications={<Notices />}
        toolsHide
        content={
          <Suspense fallback={<Box textAlign="center" padding="xxl"><Spinner size="large" /></Box>}>
            {Page ? <Page path={path.slice(1)} /> : <Box variant="h1">There is no such page</Box>}
          </Suspense>
        }
      />
    </I18nProvider>
  );
}

function Navigation() {
  const { path } = useAddress();
  return (
    <SideNavigation
      header={{ text: 'vpclab', href: '#/' }}
      activeHref={href(...(path[0] === 'terminal' ? ['terminal'] : path.length === 0 ? ['topology'] : path.slice(0, 2)))}
      items={[
        { type: 'link', text: 'Topology', href: href('topology') }, { type: 'link', text: 'Call', href: href('call') }, { type: 'link', text: 'Terminal', href: href('terminal') }, { type: 'divider' },
        ...SECTIONS.map(({ text, service, pages }) => ({
        type: 'section' as const, text, items: pages.map((page) => ({ type: 'link' as const, text: page.text, href: href(service, page.page) })),
      }))]}
    />
  );
}

const stored = () => { try { return window.localStorage.getItem('vpclab-mode'); } catch { return null; } };
const dark = () => (stored() ?? (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

function Top() {
  const [isDark, setDark] = useState(dark);
  const connection = useConnection();
  const filter = useFilter();
  const vpcs = useKind('vpcs').items;
  const apis = useKind('vpc_endpoints').items;
  useEffect(() => applyMode(isDark ? Mode.Dark : Mode.Light), [isDark]);
  const all = [...vpcs, ...apis];
  const choices = (values: string[], every: string) => [{ id: '', text: every }, ...[...new Set(values)].sort().map((id) => ({ id, text: id }))];
  const switchMode = () => {
    try { window.localStorage.setItem('vpclab-mode', isDark ? 'light' : 'dark'); } catch { /* then it is forgotten */ }
    setDark(!isDark);
  };
  return (
    <div id="top">
      <TopNavigation
        identity={{ href: '#/', title: 'vpclab' }}
        utilities={[
          { type: 'menu-dropdown', text: filter.region || 'All regions', iconName: 'globe', items: choices(all.map((item) => item.Region), 'All regions'), onItemClick: ({ detail }) => setFilter({ region: detail.id }) },
          { type: 'menu-dropdown', text: filter.account || 'All accounts', iconName: 'user-profile', items: choices(all.map((item) => item.OwnerId), 'All accounts'), onItemClick: ({ detail }) => setFilter({ account: detail.id }) },
          { type: 'button', text: connection === 'live' ? 'Live' : connection === 'lost' ? 'Connection lost' : 'Connecting', iconName: connection === 'live' ? 'status-positive' : 'status-warning', ariaLabel: `Updates: ${connection}`, disableUtilityCollapse: false },
          { type: 'button', text: isDark ? 'Light' : 'Dark', ariaLabel: isDark ? 'Light mode' : 'Dark mode', onClick: switchMode },
        ]}
      />
    </div>
  );
}
