let done = false;

/** Gives new `style` elements the nonce that the page's policy asks for: xterm.js writes its styles in such elements, in several places. */
export function allowStyleElements() {
  if (done) return;
  done = true;
  const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';
  const create = document.createElement.bind(document);
  document.createElement = ((tag: string, options?: ElementCreationOptions) => {
    const made = create(tag, options);
    if (made instanceof HTMLStyleElement) made.nonce = nonce;
    return made;
  }) as typeof document.createElement;
}
