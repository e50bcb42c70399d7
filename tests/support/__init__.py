"""Helpers of several kinds of tests.

- `billing`: the cost of a lead in Firestore.
- `builders`: valid forms, submissions, leads and mails, and a clock.
- `chromium`, `office`: the browser and LibreOffice.
- `commands`: the commands by name, and leads in the store of a folder, for tests of the command.
- `desk_client`: a browser without a screen at the desk.
- `emulating`: Firestore's emulator, one for a whole run.
- `examples`: projects made from the examples.
- `exporting`: a writer of managed exports.
- `gallery`: every page that a visitor can meet, as files.
- `interface`: the OpenAPI document, and the server that it describes.
- `mailserver`: an SMTP server.
- `mails`: mails as their readers see them, and the workers that send them.
- `guide_project`, `guide_reader`, `guides`: the documentation, and a reader who does what it says.
- `many_leads`: more leads than fit on a page of the store's.
- `receiver`: a receiver of webhooks, which may fail.
- `running`: processes, a client for their answers, and the limit of every wait.
- `scheduling`: webhooks of schedulers.
- `search`: the seeds and rounds of tests that search.
- `season`: made-up leads of some months.
- `shipped_form`: the shipped form with changes.
- `static_host`: a host of static sites.
- `tools`: programs that tests need: installed, or their tests left out.
- `two_forms`: a project of two forms.
- `verifier`: Turnstile's verifier.
- `world`: the function with a fixed clock and a store of one's choice.
"""
