// The text editor, in a chunk of its own; each language in another one.

import { autocompletion, completeFromList, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting, type LanguageSupport } from '@codemirror/language';
import { searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export type Language = 'json' | 'javascript' | 'python' | 'php' | 'sql' | 'yaml' | 'text';

const languages: Record<Language, () => Promise<LanguageSupport | undefined>> = {
    json: async () => (await import('@codemirror/lang-json')).json(),
    javascript: async () => (await import('@codemirror/lang-javascript')).javascript(),
    python: async () => (await import('@codemirror/lang-python')).python(),
    php: async () => (await import('@codemirror/lang-php')).php({ plain: true }),
    sql: async () => (await import('@codemirror/lang-sql')).sql(),
    yaml: async () => (await import('@codemirror/lang-yaml')).yaml(),
    text: async () => undefined,
};

// The colours are the page's own, so both themes fit.
const colours = HighlightStyle.define([
    { tag: [tags.keyword, tags.bool, tags.null], color: 'var(--accent)' },
    { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
    { tag: [tags.number], color: 'var(--warn)' },
    { tag: [tags.comment], color: 'var(--muted)', fontStyle: 'italic' },
    { tag: [tags.propertyName, tags.definition(tags.variableName)], color: 'var(--text)', fontWeight: '550' },
    { tag: [tags.invalid], color: 'var(--bad)' },
]);

const look = EditorView.theme({
    '&': { backgroundColor: 'transparent', color: 'var(--text)', maxHeight: '65vh', fontSize: '13px' },
    '&.cm-focused': { outline: '2px solid var(--accent)' },
    '.cm-content': { fontFamily: 'var(--mono)', caretColor: 'var(--text)', padding: '10px 0' },
    '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--muted)', border: 'none' },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
    '.cm-cursor': { borderLeftColor: 'var(--text)' },
    '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-soft) !important' },
    '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--border)' },
    '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-fill)', color: 'var(--on-accent)' },
    '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--text)' },
});

export interface Editor {
    /** Puts another text in, unless it is there already. */
    set(text: string): void;
    destroy(): void;
}

export async function edit(
    place: HTMLElement,
    { label, text, language, readonly, words }: { label: string; text: string; language: Language; readonly: boolean; words: string[] },
    changed: (text: string) => void,
): Promise<Editor> {
    const support = await languages[language]();
    const extensions: Extension[] = [
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        syntaxHighlighting(colours),
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorState.readOnly.of(readonly),
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, ...searchKeymap, indentWithTab]),
        EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
        }),
    ];
    if (words.length > 0) extensions.push(autocompletion({ override: [completeFromList(words.map((word) => ({ label: word })))] }));
    else extensions.push(autocompletion());
    if (support) extensions.push(support);
    // In a shadow tree the editor's styles are adopted sheets; on the page itself they would be a style element, which
    // the content security policy refuses.
    const root = place.shadowRoot ?? place.attachShadow({ mode: 'open' });
    const view = new EditorView({ parent: root, root, state: EditorState.create({ doc: text, extensions }) });
    return {
        set(next) {
            const now = view.state.doc.toString();
            if (next !== now) view.dispatch({ changes: { from: 0, to: now.length, insert: next } });
        },
        destroy: () => view.destroy(),
    };
}
