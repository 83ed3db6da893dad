# 格治: every target prepares its own environment. See README.md.
PYTHON3 ?= python3
IN  = $(PYTHON3) config/bootstrap.py
DEV = $(PYTHON3) config/bootstrap.py --dev
export PORT HTTPS GEZHI_VAR GEZHI_DEMO GEZHI_DEMO_PASSWORD

INCIDENTS ?= 100000
GRIDS ?= 2000
.PHONY: run test test-slow check bench bench-timers bench-boards shell lock screenshots stop

run: ## 运行 / run everything, on http://localhost:8000
	@$(IN) python -m config.supervise

test: ## 日常测试 / the tests that everyone runs
	@$(DEV) python -m pytest -m "not slow" -n auto --maxprocesses 8 --dist worksteal

test-slow: ## 慢测试 / real processes, faults, long browser runs
	@$(DEV) python -m pytest -m slow

check: ## 检查 / format, lint, types, layers, migrations, translations, configuration
	@$(DEV) python -m config.check

bench: ## 测量 / speed and memory, as ratios; then the timers, then the boards
	@$(DEV) python -m tests.bench
	@$(DEV) python -m tests.bench.timers
	@$(DEV) python -m tests.bench.boards --incidents $(INCIDENTS) --grids $(GRIDS)

bench-timers: ## 时限测量 / 10,000 ends among 100,000 duties, a worker killed; fails when one is lost or doubled
	@$(DEV) python -m tests.bench.timers

bench-boards: ## 看板测量 / boards over a history of INCIDENTS in GRIDS grids, beside plain queries of the record
	@$(DEV) python -m tests.bench.boards --incidents $(INCIDENTS) --grids $(GRIDS)

shell:
	@$(IN) python manage.py shell

stop: ## 停止私有数据库 / end private servers left by manage.py commands
	@$(IN) python -c "from config import servers; servers.stop(servers.var_folder())"

screenshots: ## 重做说明里的图 / make the pictures of the README again
	@$(DEV) python -m tests.screenshots

lock: ## 更新锁定文件 / write the lock files anew
	@$(DEV) python -m config.lock
