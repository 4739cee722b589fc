import { catalogue } from './messages';

/** Words of lookups, which several areas show. */
export const t = catalogue({
    'none': 'No lookups',
    'rows-text': 'A lookup stands for a value: {name} in a filter or a configuration is replaced by it. Those of a user win over those of the role, the app and the system.',
    'add': 'Add lookup',
    'remove': 'Remove lookup {name}',
    'name': 'Name',
    'value': 'Value',
    'private': 'Private',
    'private-help': 'The value of a private lookup is never shown again. It works in configurations of services, not in filters.',
    'hidden': 'Hidden; type to replace it',
});
