import { expect, test } from 'vitest';
import { formOf, placeholders, previewed, shown, templateBody, type TemplateRow } from './template';

test('recipients are text, and stay what they were', () => {
    expect(shown(['a@x.com', 'b@x.com'])).toBe('a@x.com, b@x.com');
    expect(shown([{ email: 'a@x.com', name: 'A' }])).toBe('[{"email":"a@x.com","name":"A"}]');
    expect(templateBody({ to: '[{"email":"a@x.com"}]', subject: '[Hi] {name}', cc: '' })).toEqual({ to: [{ email: 'a@x.com' }], subject: '[Hi] {name}', cc: null });
});

test('a form has all fields', () => {
    const row = { id: 1, name: 'x', to: null, attachment: { service: 'files', path: 'a' } } as unknown as TemplateRow;
    expect(formOf(row)).toMatchObject({ name: 'x', to: '', attachment: '{"service":"files","path":"a"}' });
});

test('placeholders are found once, in all texts', () => {
    expect(placeholders('Hi {first_name}', '<p style="{color:red}">{link} {first_name}</p>', null)).toEqual(['first_name', 'link']);
});

test('a preview asks nobody and runs nothing', () => {
    const html = '<p style="color:red" onclick="x()">a</p><script>alert(1)</script><img src="https://x.com/a.png"><img src="data:image/png;base64,AA"><style>p{}</style><link href="x">';
    expect(previewed(html)).toBe('<p data-style="color:red">a</p><img data-src="https://x.com/a.png"><img src="data:image/png;base64,AA"><template data-css>p{}</template>');
});
