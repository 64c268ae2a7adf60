module wasi_both_go

go 1.24
