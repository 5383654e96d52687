import type { Explanation } from '../call/explain';

export interface Marks { selected?: string; sought: string; explanation?: Explanation }

/** Marks boxes and lines: the selected one, those that match a search, and a call's path, green to the blocker and red at it. */
export function mark(root: Element, { selected, sought, explanation }: Marks) {
  const text = sought.trim().toLowerCase();
  const [good, bad] = path(explanation);
  for (const node of root.querySelectorAll<SVGElement>('[data-id]')) {
    const id = node.dataset['id'] ?? '';
    node.classList.toggle('selected', id === selected);
    node.classList.toggle('found', text !== '' && !container(node) && (node.dataset['title'] ?? '').toLowerCase().includes(text));
    node.classList.toggle('dimmed', text !== '' && !container(node) && !node.classList.contains('found'));
    node.classList.toggle('on-path', good.has(id) && !bad.has(id));
    node.classList.toggle('blocking', bad.has(id));
  }
}

const container = (node: SVGElement) => ['region', 'vpc', 'zone', 'subnet', 'shelf'].includes(node.dataset['kind'] ?? '');

/** The ids that a call passes, and those where it ends. */
function path(explanation?: Explanation): [Set<string>, Set<string>] {
  const [good, bad] = [new Set<string>(), new Set<string>()];
  for (const step of explanation?.steps ?? []) {
    if (step.verdict === 'skipped') continue;
    const drawn = step.evidence.map((one) => one.id).filter((id): id is string => typeof id === 'string');
    drawn.forEach((id) => (step.verdict === 'block' ? bad : good).add(id));
    if (step.verdict === 'block') break;
  }
  return [good, bad];
}
