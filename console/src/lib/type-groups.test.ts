import { expect, test } from 'vitest';
import type { ServiceType } from './services';
import { typeGroups } from './type-groups';

const type = (name: string, group: string, description = ''): ServiceType => ({
    name,
    label: name.toUpperCase(),
    description,
    group,
    singleton: false,
    dependencies_required: null,
    subscription_required: null,
    config_schema: [],
});

const types = [type('smtp_email', 'Email'), type('sqlite', 'Database'), type('pgsql', 'Database', 'by the elephant'), type('system', 'System'), type('odd', 'Zoo')];
const names = (text?: string) => typeGroups(types, text).map((group) => [group.name, group.types.map(({ name }) => name)]);

test('databases come first, popular types first within, unknown groups last, own ones not', () => {
    expect(names()).toEqual([
        ['Database', ['pgsql', 'sqlite']],
        ['Email', ['smtp_email']],
        ['Zoo', ['odd']],
    ]);
});

test('the search looks at everything that is told of a type', () => {
    expect(names('elephant')).toEqual([['Database', ['pgsql']]]);
    expect(names('sql lite')).toEqual([['Database', ['sqlite']]]);
    expect(names('nothing like it')).toEqual([]);
});
