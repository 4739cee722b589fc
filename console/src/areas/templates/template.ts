// Templates of e-mails: what a form holds, the placeholders, and a preview that keeps to the page's policy.

import type { Json } from '../../lib/api';

export interface TemplateRow {
    id: number;
    name: string;
    description: string | null;
    to: Json;
    cc: Json;
    bcc: Json;
    subject: string | null;
    attachment: Json;
    body_text: string | null;
    body_html: string | null;
    from_name: string | null;
    from_email: string | null;
    reply_to_name: string | null;
    reply_to_email: string | null;
    last_modified_date: string;
}

export function emptyTemplate() {
    return {
        name: '', description: '', to: '', cc: '', bcc: '', subject: '', attachment: '', body_text: '', body_html: '',
        from_name: '', from_email: '', reply_to_name: '', reply_to_email: '',
    } as Record<FieldName, string | null>;
}

type FieldName = Exclude<keyof TemplateRow, 'id' | 'last_modified_date'>;
export type TemplateForm = ReturnType<typeof emptyTemplate>;

/** Recipients as text between commas; what is more than addresses stays JSON. */
export function shown(value: Json): string {
    if (value === null) return '';
    if (typeof value === 'string') return value;
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ');
    return JSON.stringify(value);
}

/** The stored row as a form holds it. */
export function formOf(row: TemplateRow): TemplateForm {
    const names = Object.keys(emptyTemplate()) as FieldName[];
    return Object.fromEntries(names.map((name) => [name, shown(row[name])])) as TemplateForm;
}

/** What is sent: lists and objects where the text is JSON, null where there is none. */
export function templateBody(changes: Partial<TemplateForm>): Record<string, Json> {
    return Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, stored(name, value ?? '')]));
}

function stored(name: string, text: string): Json {
    if (text === '') return null;
    if (!['to', 'cc', 'bcc', 'attachment'].includes(name) || !/^\s*[[{]/.test(text)) return text;
    try {
        return JSON.parse(text) as Json;
    } catch {
        return text;
    }
}

/** What mails about accounts always fill in. */
export const KNOWN = ['first_name', 'last_name', 'name', 'email', 'phone', 'link', 'confirm_code', 'content_header', 'app_name', 'instance_name'];

/** The placeholders of texts, once each, in their order. */
export function placeholders(...texts: (string | null)[]): string[] {
    const found = texts.flatMap((text) => [...(text ?? '').matchAll(/\{([A-Za-z_][\w.-]*)\}/g)].map(([, name]) => name ?? ''));
    return [...new Set(found)];
}

/**
 * The markup with everything taken aside that the page's policy forbids: styles wait in `data-style` until they are put
 * on by the page, scripts and frames are gone, and nothing is asked of other hosts.
 */
export function previewed(html: string): string {
    return html
        .replace(/<(script|iframe|object|embed|link|meta|base)\b[^>]*>(?:[^]*?<\/\1\s*>)?/gi, '')
        .replace(/<style\b[^>]*>([^]*?)<\/style\s*>/gi, '<template data-css>$1</template>')
        .replace(/<[a-z][^>]*>/gi, (tag) =>
            tag
                .replace(/\son\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, '')
                .replace(/\s(style|background|srcset)(\s*=)/gi, ' data-$1$2')
                .replace(/\ssrc(?!\s*=\s*["']?data:)(\s*=)/gi, ' data-src$1'),
        );
}
