"""Mailboxes: the addresses that lead to one person, and the domains that many people share."""

from __future__ import annotations

import hashlib
import hmac

# Domains of which a name leads to one mailbox, and the characters that their provider ignores before the @. Proton's:
# `removeEmailAlias` in https://github.com/ProtonMail/WebClients.
_ALIASES = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), ("gmail.com", ".")),
    **dict.fromkeys(("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), ("proton.me", "._-")),
}
# Providers with so many mailboxes that one domain's mails may well be to many people.
LARGE_PROVIDERS = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com icloud.com me.com mac.com yahoo.com ymail.com
    aol.com proton.me protonmail.com pm.me gmx.com gmx.net gmx.de gmx.at gmx.ch web.de t-online.de freenet.de mail.com
    zoho.com fastmail.com tuta.com tutanota.com hey.com hotmail.co.uk live.co.uk outlook.co.uk yahoo.co.uk
    btinternet.com sky.com virginmedia.com hotmail.fr live.fr outlook.fr yahoo.fr orange.fr free.fr laposte.net
    wanadoo.fr sfr.fr hotmail.nl live.nl outlook.nl ziggo.nl kpnmail.nl planet.nl xs4all.nl hotmail.be telenet.be
    skynet.be mail.ru yandex.ru ya.ru rambler.ru bk.ru list.ru inbox.ru wp.pl o2.pl onet.pl interia.pl op.pl gazeta.pl
    hotmail.it libero.it virgilio.it hotmail.es yahoo.es yahoo.de outlook.de hotmail.de bluewin.ch comcast.net
    verizon.net att.net qq.com 163.com 126.com naver.com seznam.cz uol.com.br bigpond.com rediffmail.com
    """.split()  # noqa: SIM905, a list of a hundred names is read more easily so
)


def mailbox_of(address: str) -> str:
    """Return the mailbox that an address leads to: without +tag, and without what its provider ignores."""
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _ALIASES:
        domain, ignored = _ALIASES[domain]
        local = local.translate(dict.fromkeys(map(ord, ignored)))
    return f"{local}@{domain}"


def keyed_hash(key: str, text: str) -> str:
    """Return 32 hex digits by which a text is recognised, and which nobody without the key can compute."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
