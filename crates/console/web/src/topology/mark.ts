import type { Explanation } from '../call/explain';

export interface Marks { selected?: string; sought: string; explanation?: Explanation }

/** What an element is marked with, so that only those are touched whose marks change. */
const marked = new WeakMap<Element, string>();

/** Marks boxes and lines: the selected one, those that match a search, and a call's path, green to the blocker and red at it. */
export function mark(nodes: Iterable<SVGElement>, { selected, sought, explanation }: Marks) {
  const text = sought.trim().toLowerCase();
  const [good, bad] = path(explanation);
  for (const node of nodes) {
    const id = node.dataset['id'] ?? '';
    const marks = id === selected ? ['selected'] : [];
    if (text !== '' && !container(node)) marks.push((node.dataset['title'] ?? '').toLowerCase().includes(text) ? 'found' : 'dimmed');
    if (bad.has(id)) marks.push('blocking'); else if (good.has(id)) marks.push('on-path');
    const [before, after] = [marked.get(node) ?? '', marks.join(' ')];
    if (before === after) continue;
    if (before !== '') node.classList.remove(...before.split(' '));
    node.classList.add(...marks);
    if (node.getAttribute('role') === 'button') tell(node, marks);
    marked.set(node, after);
  }
}

/** Says what the marks of a box show, to those who do not see them. */
function tell(node: SVGElement, marks: string[]) {
  node.setAttribute('aria-pressed', String(marks.includes('selected')));
  const name = node.dataset['label'] ??= node.getAttribute('aria-label') ?? '';
  const said = marks.includes('blocking') ? ', blocks the call' : marks.includes('on-path') ? ', on the path of the call' : '';
  node.setAttribute('aria-label', name + said);
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
