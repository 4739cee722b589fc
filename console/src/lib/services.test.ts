import { expect, test } from 'vitest';
import { freeName, nameProblem, serviceName } from './services';

test('a name is made of the name of a database or a file', () => {
    expect(serviceName('Größe & Co')).toBe('gro_e_co');
    expect(serviceName('/data/shop.sqlite')).toBe('shop');
    expect(serviceName('Orders-2024')).toBe('orders-2024');
    expect(serviceName('x'.repeat(60))).toHaveLength(40);
});

test('a taken name gets a number', () => {
    expect(freeName('shop', ['db'])).toBe('shop');
    expect(freeName('shop', ['shop', 'shop_2'])).toBe('shop_3');
    expect(freeName('system', [])).toBe('system_2');
});

test('a name that would be refused is told before it is sent', () => {
    expect(nameProblem('shop', [])).toBeUndefined();
    expect(nameProblem('', [])).toBe('empty');
    expect(nameProblem('Shop', [])).toBe('letters');
    expect(nameProblem('a b', [])).toBe('letters');
    expect(nameProblem('system', [])).toBe('reserved');
    expect(nameProblem('db', ['db'])).toBe('taken');
});
