"""The exceptions that Inkrow raises on purpose, except those for misuse of its own functions.

Each class has a stable ``code`` for programs; each instance has a ``detail`` for people and a ``context`` of plain
values. What HTTP status or exit code follows is decided at the edge (`app.api.problems`, `app.cli`), not here.
"""


class AppError(Exception):
    """The root: whatever is not one of the branches below is our own fault."""

    code = "internal-error"

    def __init__(self, detail: str, **context: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.context = context


class InvalidInput(AppError):
    """What was sent cannot be used, and the sender can mend it."""

    code = "invalid-input"


class UnreadableImage(InvalidInput):
    """The file is an image of a known kind, but cannot be decoded: truncated, damaged or encrypted."""

    code = "unreadable-image"


class NotAnImage(InvalidInput):
    """The content is not an image of a kind we read, whatever its declared type says."""

    code = "not-an-image"


class TooManyPixels(InvalidInput):
    """The header announces more pixels than the limit; nothing was decoded."""

    code = "too-many-pixels"


class TooManyPages(InvalidInput):
    """More pages of the file are asked for than the limit; none was decoded."""

    code = "too-many-pages"


class TooManyBytes(InvalidInput):
    """The body is longer than the limit; the rest of it was not read."""

    code = "too-many-bytes"


class TooManyFiles(InvalidInput):
    """The request has more files than the limit; none of them was read."""

    code = "too-many-files"


class NothingReadable(InvalidInput):
    """None of several files could be read; each one's own problem comes with it."""

    code = "nothing-readable"


class DamagedDataset(InvalidInput):
    """A data file is truncated, or not what its name says."""

    code = "damaged-dataset"


class IdempotencyKeyReused(InvalidInput):
    """The Idempotency-Key came before, with another request; each request takes a new one."""

    code = "idempotency-key-reused"


class UnknownArchitecture(InvalidInput):
    """A card asks for a network that this version cannot build."""

    code = "unknown-architecture"


class NotFound(AppError):
    """The thing asked for does not exist."""

    code = "not-found"


class ModelNotFound(NotFound):
    """No such model, version or alias in the store."""

    code = "model-not-found"


class CorrectionNotFound(NotFound):
    """There is no such correction; it may have been deleted."""

    code = "correction-not-found"


class KeptPageNotFound(NotFound):
    """No such page is kept, or no longer."""

    code = "kept-page-not-found"


class DatasetNotFound(NotFound):
    """No such data set, or its files are not there."""

    code = "dataset-not-found"


class JobNotFound(NotFound):
    """No such job."""

    code = "job-not-found"


class Conflict(AppError):
    """The request contradicts what is already there."""

    code = "conflict"


class StaleAliases(Conflict):
    """An alias of the model has moved since it was looked at; look again, and decide again."""

    code = "stale-aliases"


class GateRefused(Conflict):
    """The candidate is worse than the champion, or has not learnt what it was to; the figures come with it."""

    code = "gate-refused"


class VersionExists(Conflict):
    """A version of this number was published before; versions never change."""

    code = "version-exists"


class JobAlreadyFinished(Conflict):
    """The job has come to its end, and cannot be stopped any more."""

    code = "job-already-finished"


class RequestUnderWay(Conflict):
    """A request with the same Idempotency-Key is being answered, or the service failed before it was; `detail` says."""

    code = "request-under-way"


class QueueFull(AppError):
    """As many jobs wait already as may; later there is room again."""

    code = "queue-full"


class CorrectedOtherwise(Conflict):
    """The same ink was corrected before, to another text; that correction has to be deleted first."""

    code = "corrected-otherwise"


class ShapeMismatch(AppError):
    """Two of our own arrays disagree: a bug, never blamed on the sender."""

    code = "shape-mismatch"


class CorruptModel(AppError):
    """The files of a model in the store are not as they were published; `inkrow models verify` lists what is wrong."""

    code = "damaged-model"


class StoreUnwritable(AppError):
    """The system refuses to write to the model store: the disk is full or read-only, or we are not permitted to."""

    code = "store-unwritable"


class NoRoomLeft(AppError):
    """The disk has no room for a file of results, a quota is used up, or files of its size are not allowed."""

    code = "no-room-left"


class DatabaseFailed(AppError):
    """The database of jobs, corrections and keys cannot be reached, or refuses to do as it is asked."""

    code = "database-failed"


class StateUnwritable(AppError):
    """The system refuses to write beside the database: the disk is full or read-only, or we are not permitted to."""

    code = "state-unwritable"


class StateUnreadable(AppError):
    """The system refuses to read what is kept beside the database."""

    code = "state-unreadable"


class CorruptCorrection(AppError):
    """What a correction teaches is kept in a way that this release does not know, or is damaged."""

    code = "corrupt-correction"


class DownloadFailed(AppError):
    """A file could not be fetched, or what came is not what was announced."""

    code = "download-failed"


class TrainingDiverged(AppError):
    """The loss stopped being a number."""

    code = "training-diverged"


class ServiceFailed(AppError):
    """A service that was asked to read has failed, or is none of ours."""

    code = "service-failed"


class ServiceUnreachable(ServiceFailed):
    """Nothing answers at the address of a service; to ask it for more is of no use."""

    code = "service-unreachable"
