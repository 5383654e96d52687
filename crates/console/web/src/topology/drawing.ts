// The picture in the page. The daemon writes each box and each line as one line of its SVG (`topology::svg` says so), and a line that has not
// changed keeps its element: what an update costs is what it changes. What is new comes in portions, so that no frame waits for all of it.
const PORTION = 40;
/** Milliseconds of a frame that drawing may take. */
const BUDGET = 6;

const KINDS: Record<string, string> = { vpc: 'VPC', subnet: 'subnet', instance: 'instance', function: 'function', endpoint: 'endpoint', interface: 'network interface', api: 'REST API' };
const PLACE = / transform="([^"]*)"/;

interface Part { line: string; element: SVGElement }
export interface Size { width: number; height: number }

/** The boxes and lines of a text, by what they stand for, in the order in which they are drawn. */
function partsOf(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('<g ')) continue;
    const name = line.slice(0, line.indexOf('><')).replace(PLACE, '');
    let key = name;
    for (let twin = 1; parts.has(key); twin++) key = `${name} ${twin}`;
    parts.set(key, line);
  }
  return parts;
}

export const isEmpty = (text: string) => !text.includes('<g ');

export class Drawing {
  private readonly parts = new Map<string, Part>();
  private picture?: SVGSVGElement;
  private turn = 0;
  size: Size = { width: 0, height: 0 };

  /** `fresh` hears of elements that are new, before they are shown. */
  constructor(private readonly root: HTMLElement, private readonly fresh: (elements: SVGElement[]) => void) {}

  /** All boxes and lines that are drawn. */
  elements(): SVGElement[] { return [...this.parts.values()].map(({ element }) => element); }

  /** Leads the picture to a text. A later text takes the place of one that is being drawn; what is drawn already stays. */
  async show(text: string): Promise<void> {
    const turn = ++this.turn;
    const wanted = partsOf(text);
    const picture = this.frame(text.slice(0, text.indexOf('\n')));
    for (const [key, { element }] of this.parts) if (!wanted.has(key)) { element.remove(); this.parts.delete(key); }
    const missing = this.keep(wanted);
    let until = performance.now() + BUDGET;
    for (let at = 0; at < missing.length; at += PORTION) {
      if (performance.now() > until) {
        await new Promise(requestAnimationFrame);
        if (turn !== this.turn) return;
        until = performance.now() + BUDGET;
      }
      this.add(missing.slice(at, at + PORTION));
    }
    // In the order of the text: what comes later lies above.
    let next = picture.firstChild;
    for (const key of wanted.keys()) {
      const element = this.parts.get(key)?.element;
      if (element === next) next = next?.nextSibling ?? null; else if (element) picture.insertBefore(element, next);
    }
  }

  /** The picture's own element. The first line of the text tells its size. */
  private frame(head: string): SVGSVGElement {
    this.size = { width: number(head, 'width'), height: number(head, 'height') };
    if (this.picture) return this.picture;
    this.picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    // Its own size never changes and its content hangs over: at another size all text in it would be laid out anew.
    for (const [name, value] of Object.entries({ class: 'vpclab-topology', role: 'group', 'aria-label': 'The networks of the lab', width: '1', height: '1' })) this.picture.setAttribute(name, value);
    this.root.replaceChildren(this.picture);
    return this.picture;
  }

  /** Moves what has only moved; what has changed in another way has to be drawn anew, as what is new. */
  private keep(wanted: Map<string, string>): Array<[string, string]> {
    const missing: Array<[string, string]> = [];
    for (const [key, line] of wanted) {
      const part = this.parts.get(key);
      if (part?.line === line) continue;
      const place = PLACE.exec(line)?.[1];
      if (part && place !== undefined && part.line.replace(PLACE, '') === line.replace(PLACE, '')) {
        part.element.setAttribute('transform', place);
        part.line = line;
      } else missing.push([key, line]);
    }
    return missing;
  }

  private add(lines: Array<[string, string]>) {
    const read = parsed(`<svg xmlns="http://www.w3.org/2000/svg">${lines.map(([, line]) => line).join('\n')}</svg>`);
    const elements = [...read.documentElement.children].map((child) => document.adoptNode(child) as SVGElement);
    elements.forEach(prepare);
    this.fresh(elements);
    lines.forEach(([key, line], at) => {
      const [element, before] = [elements[at], this.parts.get(key)?.element];
      if (!element) return;
      const focused = before !== undefined && before === document.activeElement;
      if (before) before.replaceWith(element); else this.picture?.append(element);
      if (focused) element.focus({ preventScroll: true });
      this.parts.set(key, { line, element });
    });
  }
}

const number = (head: string, name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
const parsed = (text: string) => new DOMParser().parseFromString(text, 'image/svg+xml');

/** A box becomes a button. Its name begins with what is read in it; its title, which says the same, is kept for the search. */
function prepare(node: SVGElement) {
  if (!node.classList.contains('node')) return;
  node.setAttribute('tabindex', '0');
  node.setAttribute('role', 'button');
  node.setAttribute('aria-pressed', 'false');
  const title = node.querySelector(':scope > title');
  title?.remove();
  node.dataset['title'] = title?.textContent ?? '';
  node.querySelectorAll('text').forEach((text) => text.after(' '));
  node.setAttribute('aria-label', `${(node.textContent ?? '').trim()} ${KINDS[node.dataset['kind'] ?? ''] ?? ''}`.trim());
}
