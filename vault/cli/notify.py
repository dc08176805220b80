"""The operator's reminder: one sentence by mail to custodians for whom something waits, at most once a day."""

from __future__ import annotations

import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from config import settings
from config.settings import Mail
from vault import inbox
from vault.cli import parts
from vault.cli.common import today
from vault.cli.operator import config_option, for_the_owner, opened
from vault.errors import NotFound, Unreachable
from vault.store import daily
from vault.store.unit_of_work import Store

# Whoever reads somebody's mail learns that something waits somewhere: not what, how much, for whom else, or where.
SUBJECT = "Reminder"
SENTENCE = "Something is waiting for you; please have a look when you can.\n"
SECONDS = 30


@parts.command()
@config_option
@for_the_owner
def notify(config: Path | None) -> None:
    """Remind custodians by mail, as the configuration says; run it by a timer, once a day or more often."""
    known = settings.load(config)
    if known.mail is None:
        raise NotFound("The configuration has no [mail]: nobody is reminded.")
    with opened(known) as store:
        with store.read() as uow:
            due = inbox.due_for_notice(uow, today())
        failed = _remind(store, known.mail, [code for code in due if code in known.mail.custodians])
    if failed:
        raise Unreachable(
            f"The mail server did not take {failed} of the reminders; the next run tries again."
        )


def _remind(store: Store, mail: Mail, codes: list[str]) -> int:
    """Remind each of these who was not reminded today; how many could not be."""
    failed = 0
    for code in codes:
        # Before it is sent: a run that is cut off, or another at the same time, must not remind anybody twice.
        if _claim(store, code):
            try:
                _send(mail, mail.custodians[code])
            except (OSError, smtplib.SMTPException):
                _give_back(store, code)
                failed += 1
    return failed


def _claim(store: Store, code: str) -> bool:
    with store.work("shreds") as uow:
        first = daily.again(uow.shreds, f"mail {code}", today().isoformat()) == 1
        uow.commit()
    return first


def _give_back(store: Store, code: str) -> None:
    with store.work("shreds") as uow:
        daily.forget(uow.shreds, f"mail {code}")
        uow.commit()


def _send(mail: Mail, address: str) -> None:
    """One mail to one address, over TLS that is verified unless the server is this machine itself."""
    name = mail.sender.rpartition("@")[
        2
    ]  # a mail server writes down how it is greeted: not by this machine's name
    trusted = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(mail.host, mail.port, local_hostname=name, timeout=SECONDS, context=trusted)
        if mail.tls == "tls"
        else smtplib.SMTP(mail.host, mail.port, local_hostname=name, timeout=SECONDS)
    ) as server:
        if mail.tls == "starttls":
            server.starttls(context=trusted)
        server.send_message(_message(mail, address))


def _message(mail: Mail, address: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mail.sender, address, SUBJECT
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid("reminder", mail.sender.rpartition("@")[2])
    message.set_content(SENTENCE)
    return message
