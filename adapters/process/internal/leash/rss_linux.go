package leash

const maxRSSUnit = 1 << 10
