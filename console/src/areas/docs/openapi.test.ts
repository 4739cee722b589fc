import { describe, expect, test } from 'vitest';
import { control, exampleBody, filled, grouped, operationOf, operations, type Document } from './openapi';

const document: Document = {
    paths: {
        '/_table/{table_name}': {
            parameters: [{ name: 'table_name', in: 'path', required: true, schema: { type: 'string' } }],
            get: { summary: 'Read records.', tags: ['db'], parameters: [{ $ref: '#/components/parameters/limit' }], responses: { '200': { $ref: '#/components/responses/Rows' } } },
            post: { summary: 'Create records.', tags: ['db'], requestBody: { $ref: '#/components/requestBodies/Rows' } },
        },
        '/': { get: { summary: 'List resources.', tags: ['db'] } },
    },
    components: {
        parameters: { limit: { name: 'limit', in: 'query', schema: { type: 'integer' } } },
        responses: { Rows: { content: { 'application/json': {}, 'text/csv': {} } } },
        requestBodies: { Rows: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Rows' } }, 'text/csv': {} } } },
        schemas: {
            Rows: { type: 'object', properties: { resource: { type: 'array', items: { $ref: '#/components/schemas/Row' } }, ids: { type: 'array', items: {} } } },
            Row: {
                type: 'object',
                properties: {
                    id: { type: 'integer', readOnly: true },
                    name: { type: 'string', nullable: true },
                    kind: { type: 'string', enum: ['a', 'b'] },
                    parent: { $ref: '#/components/schemas/Row' },
                },
            },
        },
    },
};
const [read, create] = operations(document);
if (!read || !create) throw new Error('no operations');

test('operations know what they take and answer', () => {
    expect(operations(document).map(({ key, group }) => [key, group])).toEqual([
        ['get /_table/{table_name}', '_table'],
        ['post /_table/{table_name}', '_table'],
        ['get /', ''],
    ]);
    expect(read.parameters.map(({ name }) => name)).toEqual(['table_name', 'limit']);
    expect(read.answers).toEqual(['application/json', 'text/csv']);
    expect(create.body?.types).toEqual(['application/json', 'text/csv']);
    expect(control(read.parameters[1] ?? read.parameters[0]!)).toEqual({ kind: 'number' });
});

test('a body begins with what a client writes, and records within records end', () => {
    expect(exampleBody(document, create.body?.schema ?? {})).toEqual({ resource: [{ name: 'text', kind: 'a' }] });
});

describe('filling in', () => {
    test('values are pieces of a path, or of the query', () => {
        expect(filled(read, { table_name: 'a/b', limit: '5', 'params[:x]': '1', fields: '' })).toEqual({
            path: '_table/a%2Fb',
            query: { limit: '5', 'params[:x]': '1' },
            missing: [],
        });
    });
    test('what is missing is told', () => expect(filled(read, {}).missing).toEqual(['table_name']));
});

test('a search is bounded', () => {
    expect(grouped(operations(document), 'read table', 10).groups).toEqual([{ name: '_table', operations: [read] }]);
    expect(grouped(operations(document), '', 1).left).toBe(2);
});

test('references that lead nowhere, or in a circle, do no harm', () => {
    const broken: Document = { paths: { '/a': { post: { requestBody: { $ref: '#/components/requestBodies/none' } } } } };
    expect(operations(broken)[0]?.body?.types).toEqual(['application/json']);
});

test('a call that was made is found again', () => {
    const found = operationOf(operations(document), 'GET _table/a%2Fb?limit=5&filter=x%3D1');
    expect(found?.operation.key).toBe('get /_table/{table_name}');
    expect(found?.values).toEqual({ table_name: 'a/b', limit: '5', filter: 'x=1' });
    expect(operationOf(operations(document), 'GET ')?.operation.path).toBe('/');
    expect(operationOf(operations(document), 'PUT _table/a')).toBeUndefined();
});
