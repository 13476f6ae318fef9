import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

/** The parameters of a request, as its form has them. */
export type RequestForm = Readonly<Record<string, string | string[] | undefined>>;

/** Looks at the form of a request before the engine does; what it returns is what the engine sees. */
export type RewriteForm = (form: RequestForm, ctx: KoaContextWithOIDC) => RequestForm;

/** The engine's context, as far as forms are concerned. */
interface FormContext {
  readonly ctx: KoaContextWithOIDC;
}

/**
 * Lets a function see, and change, the form of every request to an engine instance, between its parsing and its
 * use. Of several, the first installed sees it first.
 */
export function rewriteForms(provider: Provider, rewrite: RewriteForm): void {
  const { prototype } = provider.OIDCContext;
  const earlier = Object.getOwnPropertyDescriptor(prototype, 'body');
  const forms = new WeakMap<FormContext, RequestForm>();
  Object.defineProperty(prototype, 'body', {
    configurable: true,
    get(this: FormContext) {
      return forms.get(this);
    },
    set(this: FormContext, form: RequestForm) {
      earlier?.set?.call(this, form);
      const seen = (earlier?.get?.call(this) as RequestForm | undefined) ?? form;
      forms.set(this, rewrite(seen, this.ctx));
    },
  });
}
