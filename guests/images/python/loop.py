"""The event loop of asyncio where there are no sockets and no threads: it waits by sleeping, and its time is what it slept."""

import time

from . import base_events, events, futures

__all__ = ("SelectorEventLoop", "DefaultEventLoopPolicy", "EventLoop")


class _Sleeper:
    """Stands where a selector stands."""

    def __init__(self):
        self.now = 0.0

    def select(self, timeout):
        if timeout is None:
            raise RuntimeError("nothing will wake the event loop: no task is ready and no timer is set")
        if timeout > 0:
            time.sleep(timeout)
            self.now += timeout
        return []


class SelectorEventLoop(base_events.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self._selector = _Sleeper()
        self._clock_resolution = 1e-9

    def time(self):
        return self._selector.now if hasattr(self, "_selector") else 0.0

    def _process_events(self, event_list):
        pass

    def _write_to_self(self):
        pass

    def run_in_executor(self, executor, func, *args):
        """There is one thread: the function runs before this returns. An executor that is named does what it can."""
        self._check_callback(func, "run_in_executor")
        if executor is not None:
            return futures.wrap_future(executor.submit(func, *args), loop=self)
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


EventLoop = SelectorEventLoop


class DefaultEventLoopPolicy(events.BaseDefaultEventLoopPolicy):
    _loop_factory = SelectorEventLoop
