"""What happened to a run that did not simply finish, and what to do next, as message ids."""

from collections.abc import Mapping

from webapp.connectors.reasons import Reason
from webapp.models import RunReason
from webapp.values.marks import N_

# What happened, in short, and what to do next. A run whose vendor is known shows the vendor's own sentence: see `words.reason_text`.
REASON: Mapping[str, tuple[str, str]] = {
    RunReason.SUSPICIOUS_DROP: (
        N_("The source suddenly shows less than half of its people."),
        N_("Check the source, then import anyway or break off."),
    ),
    RunReason.MANY_REJECTED: (
        N_("Far more people than usual were rejected."),
        N_("Look at the rejected people, then import anyway or break off."),
    ),
    RunReason.UNANSWERED: (
        N_("Nobody answered the import's question for 7 days."),
        N_("Check the source and start the import again."),
    ),
    RunReason.BY_USER: (
        N_("It was broken off by hand; the contacts saved before stay."),
        N_("The next import goes on as planned."),
    ),
    RunReason.DISCONNECTED: (
        N_("The integration was disconnected during the import."),
        N_("Connect the account again to import from it."),
    ),
    RunReason.SHORT: (
        N_("The source delivered a different number of people than it had announced."),
        N_("The next full import reads everyone again; if this returns, write to your administrator."),
    ),
    RunReason.STORAGE_FULL: (
        N_("The server has no room left."),
        N_("Ask your administrator to free some; the import will go on by itself."),
    ),
    RunReason.PREPARING: (
        N_("The application is preparing the data of so many people."),
        N_("That may take some minutes; the import will go on by itself."),
    ),
    RunReason.EMAIL_COLUMN_GONE: (
        N_("The column with email addresses is gone from the source."),
        N_("Edit the settings and assign another column with addresses."),
    ),
    RunReason.INTERNAL: (
        N_("The fault is ours and has been noted."),
        N_("Start the import again; if this returns, write to your administrator."),
    ),
    Reason.BAD_ADDRESS: (N_("The address of the account is wrong."), N_("Connect the account again.")),
    Reason.CANNOT_CONNECT: (N_("The application could not be reached."), N_("We will try again by ourselves.")),
    Reason.UNAUTHORIZED: (N_("The application refused the key."), N_("Connect the account again.")),
    Reason.NOT_INSTALLED: (
        N_("The application was uninstalled at the vendor."),
        N_("Install it and connect the account again."),
    ),
    Reason.MISSING_SCOPE: (
        N_("The application may not read people."),
        N_("Give it the permission and connect the account again."),
    ),
    Reason.PERSONAL_DATA_REFUSED: (
        N_("The application may not see email addresses and names."),
        N_("Allow it to use personal data and connect the account again."),
    ),
    Reason.UNKNOWN_ACCOUNT: (N_("The vendor does not know this account."), N_("Connect the account again.")),
    Reason.ACCOUNT_FROZEN: (
        N_("The account is frozen at the vendor."),
        N_("Unlock it there, and then resume the imports."),
    ),
    Reason.SOURCE_GONE: (N_("The source no longer exists."), N_("Edit the settings and choose another source.")),
    Reason.API_DISABLED: (
        N_("The vendor's plan does not allow programs to read its data."),
        N_("Ask the vendor to switch API access on."),
    ),
    Reason.WRONG_REGION: (
        N_("The account is kept in another region of the vendor."),
        N_("Connect the account again in its own region."),
    ),
    Reason.FOREIGN_HOST: (
        N_("The vendor pointed to an address that is not its own."),
        N_("Connect the account again; if this returns, write to your administrator."),
    ),
    Reason.SIGN_IN_REFUSED: (N_("Access was not granted."), N_("Connect the account again and allow access.")),
    Reason.SIGN_IN_EXPIRED: (N_("The sign-in took too long."), N_("Connect the account once more.")),
    Reason.FORGED_ANSWER: (
        N_("The answer to signing in was forged or changed on its way."),
        N_("Connect the account once more; if this returns, write to your administrator."),
    ),
    Reason.APP_REFUSED: (
        N_("The vendor does not accept the application that we sign in with."),
        N_("Check the keys of the application and connect the account again."),
    ),
    Reason.QUOTA_USED_UP: (
        N_("The daily limit of requests is nearly used up."),
        N_("We will go on by ourselves when it renews."),
    ),
    Reason.RATE_LIMITED: (N_("The application limits the number of requests."), N_("We will try again by ourselves.")),
    Reason.UNAVAILABLE: (N_("The application is not working at the moment."), N_("We will try again by ourselves.")),
    Reason.TIMEOUT: (N_("The application did not answer in time."), N_("We will try again by ourselves.")),
    Reason.BAD_RESPONSE: (
        N_("The application answered in a way that we do not understand."),
        N_("If this returns, write to your administrator."),
    ),
    Reason.TOO_LARGE: (
        N_("The answer of the application is too large."),
        N_("Edit the settings and assign fewer fields."),
    ),
    Reason.PAGING_LOOP: (N_("The application keeps sending the same people."), N_("Start the import again.")),
}
