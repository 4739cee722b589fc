import { expect, test } from 'vitest';
import { diagram, neighbourhood, svg, type Model } from './graph';

const model: Model = {
    tables: {
        orders: { columns: [{ name: 'note', type: 'text' }, { name: 'id', type: 'id', pk: true }, { name: 'customer_id', type: 'reference', fk: 'crm.customers.id' }] },
        'crm.customers': { columns: [{ name: 'id', type: 'id', pk: true }] },
        lines: { columns: [{ name: 'order_id', type: 'reference', fk: 'orders.id' }] },
        'a<b>': { columns: Array.from({ length: 20 }, (_, index) => ({ name: `c${index}`, type: 'string' })) },
    },
};

test('a table has the neighbours that it refers to and that refer to it', () => {
    expect([...neighbourhood(model, 'orders')].sort()).toEqual(['crm.customers', 'lines', 'orders']);
    expect(diagram(model, 'lines').nodes.map(({ id }) => id).sort()).toEqual(['lines', 'orders']);
});

test('keys stand first, and wide tables are cut', () => {
    const { nodes, lines } = diagram(model);
    expect(nodes.find(({ id }) => id === 'orders')?.columns.map(({ name }) => name)).toEqual(['id', 'customer_id', 'note']);
    expect(nodes.find(({ id }) => id === 'a<b>')?.left).toBe(8);
    expect(lines.map(({ label }) => label)).toEqual(['orders.customer_id → crm.customers', 'lines.order_id → orders']);
});

test('the file is well-formed whatever the names', () => {
    const text = svg(diagram(model));
    expect(text).toContain('a&lt;b&gt;');
    expect(text).not.toMatch(/<b>|NaN|undefined/);
});
