// The settings of the service that keeps users, in the parts in which people look for them.

import type { FieldSchema } from '../../lib/schema';

const SECTIONS = [
    ['registration', /^(allow_open_registration|open_reg_|app_role_map)/],
    ['mails', /^(invite|password)_email_/],
    ['alternate', /^alt_auth_/],
    ['rest', /./],
] as const;

export type SectionKey = (typeof SECTIONS)[number][0];

/** Each field in the first section that takes it. */
export function sections(schema: FieldSchema[]): { key: SectionKey; fields: FieldSchema[] }[] {
    const sectionOf = (field: FieldSchema) => SECTIONS.find(([, pattern]) => pattern.test(field.name))?.[0];
    return SECTIONS.map(([key]) => ({ key, fields: schema.filter((field) => sectionOf(field) === key) })).filter(({ fields }) => fields.length > 0);
}
