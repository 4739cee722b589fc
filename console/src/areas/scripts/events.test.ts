import { expect, test } from 'vitest';
import { countOf, languageOf, resources, scriptName, scriptsOf, stageOf, verbOf, type EventMap } from './events';

const map: EventMap = {
    db: {
        'db._table': { type: 'api', endpoints: ['db._table.get'], parameter: null },
        'db._table.{table_name}': { type: 'api', endpoints: ['db._table.{table_name}.get', 'db._table.{table_name}.post'], parameter: { table_name: ['orders', 'a.b'] } },
    },
};
const [list, table] = resources(map, 'db');

test('resources know their events and what they may be about', () => {
    expect(list).toEqual({ name: 'db._table', endpoints: ['db._table.get'] });
    expect(table?.parameter).toEqual({ name: 'table_name', values: ['orders', 'a.b'] });
    expect(resources(map, 'none')).toEqual([]);
});

test('names of scripts', () => {
    expect(scriptName('db._table.{table_name}.get', 'pre_process')).toBe('db._table.{table_name}.get.pre_process');
    expect(scriptName('db._table.{table_name}.get', '', { name: 'table_name', value: 'orders' })).toBe('db._table.orders.get');
    expect([verbOf('db._table.get'), stageOf('db._table.get.queued'), stageOf('db._table.get')]).toEqual(['get', 'queued', '']);
});

test('scripts belong to their resource', () => {
    const scripts = ['db._table.{table_name}.get', 'db._table.orders.post.pre_process', 'db._table.get', 'db._table.orders.delete', 'other._table.orders.get'].map((name) => ({ name }));
    expect(table && scriptsOf(scripts, table).map(({ name }) => name)).toEqual(['db._table.{table_name}.get', 'db._table.orders.post.pre_process']);
    expect(countOf(scripts, 'db')).toBe(4);
});

test('languages', () => expect(['nodejs', 'python3', 'php', 'cobol'].map(languageOf)).toEqual(['javascript', 'python', 'php', 'text']));
