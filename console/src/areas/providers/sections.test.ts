import { expect, test } from 'vitest';
import { sections } from './sections';

test('every setting stands in one section', () => {
    const names = ['allow_open_registration', 'open_reg_role_id', 'invite_email_service_id', 'alt_auth_table', 'app_role_map', 'something_new'];
    const schema = names.map((name) => ({ name, label: name, type: 'string' }));
    expect(sections(schema).map(({ key, fields }) => [key, fields.map(({ name }) => name)])).toEqual([
        ['registration', ['allow_open_registration', 'open_reg_role_id', 'app_role_map']],
        ['mails', ['invite_email_service_id']],
        ['alternate', ['alt_auth_table']],
        ['rest', ['something_new']],
    ]);
});
