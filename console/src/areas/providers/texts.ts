import { catalogue } from '../../lib/messages';

export const t = catalogue({
    'title': 'Login providers',
    'text': 'Who may have an account here, and where people can log in from.',
    'providers': 'Other places to log in',
    'providers-text': 'Directories, OAuth and single sign-on. Each is a service of its own.',
    'none': 'No provider yet.',
    'add': 'Add {label}',
    'registration': 'Registration',
    'mails': 'Mails to users',
    'alternate': 'Users of another table',
    'alternate-text': 'People log in with a name and password that stand in a table of one of your databases.',
    'rest': 'Other settings',
    'open-warning': 'Anybody who reaches this server can make an account and gets the role below for every app.',
    'no-role': 'Without a role, new accounts may do nothing.',
});
