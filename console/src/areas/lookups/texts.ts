import { catalogue } from '../../lib/messages';

export const t = catalogue({
    'title': 'Lookups',
    'new': 'New lookup',
    'text': 'A lookup stands for a value: {name} in a configuration or a filter is replaced by it. These are those of the whole system.',
    'empty-title': 'No lookups',
    'empty-text': 'Keep a value that several services need in one place, such as a host or a password.',
    'value': 'Value',
    'private': 'Private',
    'public': 'Public',
    'hidden': 'hidden',
    'private-help': 'The value is never shown again and works in configurations of services alone, not in filters or e-mails.',
    'expose': 'Anybody who may read lookups will see the value again.',
    'value-stored': 'Hidden; type to replace it',
    'write-as': 'Write it as',
    'used': 'Used in',
    'used-none': 'No configuration of a service names it. Filters of roles and templates may.',
    'used-failed': 'Services could not be read, so it is not known where this is used.',
    'count-services': '{count} {count:service|services}',
});
