"""The JMH benchmarks that figures come from."""


def measured(quick, cores):
    return {}, ""
