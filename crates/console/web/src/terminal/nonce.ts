/** The document, whose new `style` elements carry the nonce that the page's policy asks for: xterm.js writes its styles in such elements. */
export function withNonce(document: Document): Document {
  const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';
  return new Proxy(document, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'createElement') return (value as (...given: unknown[]) => unknown).bind(target);
      return (tag: string, options?: ElementCreationOptions) => {
        const made = target.createElement(tag, options);
        if (made instanceof HTMLStyleElement) made.nonce = nonce;
        return made;
      };
    },
  });
}
