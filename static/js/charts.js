// Charts are drawn from the tables beside them: the numbers stand in the page once, and whoever sees no picture has them.
//   <div class="gz-chart" id="HOST" hx-preserve="true" aria-hidden="true"></div>
//   <table data-chart="lines|bars" data-host="HOST" data-unit="%">, cells with data-value (empty: nothing to show)
(function (gezhi) {
  "use strict";
  var made = {};

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function read(table) {
    var heads = Array.from(table.tHead.rows[0].cells).slice(1).map(function (cell) { return cell.textContent.trim(); });
    var rows = Array.from(table.tBodies[0].rows);
    return {
      labels: rows.map(function (row) { return row.cells[0].textContent.trim(); }),
      series: heads.map(function (name, at) {
        return {
          name: name,
          data: rows.map(function (row) {
            var value = row.cells[at + 1].dataset.value;
            return value === "" ? null : Number(value);
          })
        };
      })
    };
  }

  function option(table) {
    var told = read(table);
    var bars = table.dataset.chart === "bars";
    var unit = table.dataset.unit || "";
    var text = colour("--tblr-body-color");
    var line = colour("--gz-line");
    var colours = ["--gz-chart-1", "--gz-chart-2", "--gz-chart-3"].map(colour);
    var names = { type: "category", data: told.labels, inverse: bars, axisLabel: { color: text }, axisLine: { lineStyle: { color: line } } };
    var values = { type: "value", min: 0, max: unit === "%" ? 100 : undefined, axisLabel: { color: text, formatter: "{value}" + unit }, splitLine: { lineStyle: { color: line } } };
    return {
      animation: false,
      color: colours,
      textStyle: { fontFamily: "inherit", fontSize: 14 },
      grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
      legend: { textStyle: { color: text }, top: 0, left: 0 },
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: function (value) { return value === null || value === undefined ? "—" : value + unit; } },
      xAxis: bars ? values : names,
      yAxis: bars ? names : values,
      series: told.series.map(function (one, at) {
        return {
          name: one.name, data: one.data, type: bars ? "bar" : "line", connectNulls: false,
          symbol: ["circle", "rect", "triangle"][at % 3], symbolSize: 7, barMaxWidth: 14,
          lineStyle: { width: 2, type: ["solid", "dashed", "dotted"][at % 3] }
        };
      })
    };
  }

  function draw(table) {
    var host = document.getElementById(table.dataset.host);
    if (!host || !window.echarts) {
      return;
    }
    var chart = window.echarts.getInstanceByDom(host) || window.echarts.init(host, null, { renderer: "canvas" });
    chart.setOption(option(table), true);
    made[host.id] = { chart: chart, table: table };
  }

  function each(run) {
    Object.keys(made).forEach(function (id) {
      if (document.getElementById(id)) {
        run(made[id]);
      }
    });
  }

  gezhi.each("table[data-chart]", draw);
  window.addEventListener("resize", function () { each(function (one) { one.chart.resize(); }); });
  document.addEventListener("gezhi:theme", function () { each(function (one) { draw(one.table); }); });
})(window.gezhi);
