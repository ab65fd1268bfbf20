"""What senders of events are told."""

import msgspec


class Received(msgspec.Struct):
    """The event is kept. `new` is false where it had come before; it is `held` while its recipe is stopped."""

    job_id: str
    new: bool
    held: bool
    success: bool = True
